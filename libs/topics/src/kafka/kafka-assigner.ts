import { AssignerProtocol, type Assigner, type Cluster, type PartitionAssigner } from 'kafkajs';
import { assignPartitions } from './partition-assignment';

const { MemberAssignment, MemberMetadata } = AssignerProtocol;
/** Every member of a group has to know a way to share the partitions by this name. */
const PROTOCOL = 'meterbook-by-number';
const VERSION = 1;

export interface AssignerHooks {
  /** Called right before each try to join the group; what it throws puts the join off, and kafkajs tries again. */
  readonly beforeJoin: () => void;
  /** Numbers of the partitions that this member had last. */
  readonly held: () => readonly number[];
}

/** kafkajs's own assigner deals partitions out anew at each rebalance and without regard to their numbers. */
export function byNumber({ beforeJoin, held }: AssignerHooks): PartitionAssigner {
  return ({ cluster }: { cluster: Cluster }): Assigner => ({
    name: PROTOCOL,
    version: VERSION,
    protocol({ topics }) {
      beforeJoin();
      const userData = Buffer.from(JSON.stringify(held()));
      return { name: PROTOCOL, metadata: MemberMetadata.encode({ version: VERSION, topics, userData }) };
    },
    async assign({ members, topics }) {
      const claims = members.map(({ memberId, memberMetadata }) => {
        const metadata = MemberMetadata.decode(memberMetadata);
        return { memberId, topics: metadata?.topics ?? [], held: heldIn(metadata?.userData) };
      });
      const partitionsOf = new Map(
        topics.map((topic) => [topic, cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId)]),
      );
      return [...assignPartitions(claims, partitionsOf)].map(([memberId, assignment]) => ({
        memberId,
        memberAssignment: MemberAssignment.encode({ version: VERSION, assignment, userData: Buffer.alloc(0) }),
      }));
    },
  });
}

function heldIn(userData: Buffer | undefined): number[] {
  if (!userData || userData.length === 0) return [];
  const held: unknown = JSON.parse(userData.toString());
  return Array.isArray(held) ? held.filter((number): number is number => Number.isInteger(number)) : [];
}
