import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb';
import { ClusterInfo, EndPoint, MemberInfo } from '@eventstore/db-client/generated/gossip_pb';
import { UUID, type Empty } from '@eventstore/db-client/generated/shared_pb';
import type { sendUnaryData, Server, ServerUnaryCall } from '@grpc/grpc-js';

/** A cluster of one: the node whose port it is leads. */
export function addGossip(server: Server, port: () => number): void {
  server.addService(GossipService, {
    read: (_call: ServerUnaryCall<Empty, ClusterInfo>, answer: sendUnaryData<ClusterInfo>) => {
      const leader = new MemberInfo()
        .setInstanceId(new UUID().setString('00000000-0000-4000-8000-000000000001'))
        .setState(MemberInfo.VNodeState.LEADER)
        .setIsAlive(true)
        .setHttpEndPoint(new EndPoint().setAddress('127.0.0.1').setPort(port()));
      answer(null, new ClusterInfo().setMembersList([leader]));
    },
  });
}
