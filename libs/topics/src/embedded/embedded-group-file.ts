import { setImmediate as turn } from 'node:timers/promises';
import type { Database, Statement } from '@meterbook/runtime/sqlite';
import type { Clock } from '@meterbook/runtime/clock';
import { inTransaction, openTopicDatabase } from './embedded-database';
import { isDead, thisProcess } from './embedded-process';

const PAGE_BYTES = 4096;
const AUTO_CHECKPOINT_PAGES = 1000;

const schema = `
  CREATE TABLE IF NOT EXISTS changes (count INTEGER NOT NULL);
  INSERT INTO changes SELECT 0 WHERE NOT EXISTS (SELECT * FROM changes);
  CREATE TABLE IF NOT EXISTS members (
    joined INTEGER PRIMARY KEY AUTOINCREMENT, member TEXT NOT NULL UNIQUE, process TEXT NOT NULL, topics TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  );
  CREATE TABLE IF NOT EXISTS partitions (
    topic TEXT NOT NULL, partition INTEGER NOT NULL, committed INTEGER NOT NULL, generation INTEGER NOT NULL, owner TEXT,
    PRIMARY KEY (topic, partition)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS seen (at INTEGER NOT NULL)`;

/** The right to deliver one partition of a topic: it ends when another member gets the partition, with a higher generation. */
export interface Lease {
  readonly topic: string;
  readonly partition: number;
  readonly generation: number;
  /** The first offset that the group has not committed. */
  readonly committed: number;
}

/** What a member wants at one turn of `balance`. */
export interface Membership {
  readonly member: string;
  /** Partitions of each topic it consumes. */
  readonly topics: ReadonlyMap<string, number>;
  readonly leaseMs: number;
  /** Leases whose delivery goes on. */
  readonly held: readonly Lease[];
  /** Leases whose delivery has ended and that others may have. */
  readonly ended: readonly Lease[];
}

export interface Balance {
  readonly acquired: readonly Lease[];
  /** Held leases whose delivery must end: they are lost, or another member is to have them. */
  readonly revoked: readonly Lease[];
  /** What `changes` was then. */
  readonly changes: number;
}

interface MemberRow {
  readonly member: string;
  readonly process: string;
  readonly topics: string;
  readonly expiresAt: number;
}

interface PartitionRow {
  readonly partition: number;
  readonly committed: number;
  readonly generation: number;
  readonly owner: string | null;
}

interface WaitingCommit {
  readonly member: string;
  readonly lease: Lease;
  readonly offset: number;
  readonly resolve: (taken: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/** A consumer group in one SQLite file: its members with their leases, and the offsets it has committed. */
export class GroupFile {
  private readonly database: Database;
  private readonly selectChanges: Statement<[], { count: number }>;
  private readonly selectMembers: Statement<[], MemberRow>;
  private readonly selectPartitions: Statement<[string], PartitionRow>;
  private readonly updateCommitted: Statement<[number, string, number, string, number, string, number]>;
  private commits: WaitingCommit[] = [];
  private committing: Promise<void> | undefined;

  constructor(
    path: string,
    private readonly clock: Clock,
  ) {
    // An offset that a power cut took back delivers again what its consumer drops.
    this.database = openTopicDatabase(path, PAGE_BYTES, AUTO_CHECKPOINT_PAGES, 'NORMAL');
    this.database.transaction(() => this.create()).immediate();
    this.selectChanges = this.database.prepare('SELECT count FROM changes');
    this.selectMembers = this.database.prepare(
      'SELECT member, process, topics, expires_at AS expiresAt FROM members ORDER BY joined',
    );
    this.selectPartitions = this.database.prepare(
      'SELECT partition, committed, generation, owner FROM partitions WHERE topic = ? ORDER BY partition',
    );
    this.updateCommitted = this.database.prepare(`
      UPDATE partitions SET committed = ? WHERE topic = ? AND partition = ? AND owner = ? AND generation = ?
         AND EXISTS (SELECT * FROM members WHERE member = ? AND expires_at > ?)`);
  }

  /** Changes whenever a member comes or goes or gives a partition back: then there is something to balance. */
  changes(): number {
    return this.selectChanges.get()?.count ?? 0;
  }

  /** Committed offset of each partition of a topic; empty where the group does not know the topic. */
  committed(topic: string): number[] {
    return this.selectPartitions.all(topic).map(({ committed }) => committed);
  }

  /** When the group last had a member, milliseconds since 1970; where that was not noted yet, when its file was first opened since. */
  seenAt(): number {
    return this.database.prepare<[], { at: number }>('SELECT at FROM seen').get()?.at ?? 0;
  }

  /** Renews a member's leases, gives back what has ended, and takes or gives up partitions until each member has its share. */
  async balance(membership: Membership): Promise<Balance> {
    return inTransaction(this.database, this.clock, () => {
      const now = this.clock.now();
      this.renew(membership, now);
      this.shortenLeases(membership.leaseMs, now);
      this.removeExpired(membership.member, now);
      this.database.prepare('UPDATE seen SET at = ?').run(now);
      for (const lease of membership.ended) this.release(membership.member, lease);
      const members = this.selectMembers.all();
      const acquired: Lease[] = [];
      const revoked: Lease[] = [];
      for (const [topic, partitions] of membership.topics) {
        const share = shareOf(membership.member, topic, partitions, members);
        const rows = this.partitionsOf(topic, partitions);
        const held = membership.held.filter((lease) => lease.topic === topic);
        const mine = held.filter(({ partition, generation }) =>
          isOwned(rows[partition], membership.member, generation),
        );
        revoked.push(...held.filter((lease) => !mine.includes(lease)), ...mine.slice(share));
        const free = rows.filter(
          ({ partition, owner }) => owner === null && !held.some((lease) => lease.partition === partition),
        );
        for (const row of free.slice(0, Math.max(0, share - mine.length)))
          acquired.push(this.acquire(membership.member, topic, row));
      }
      return { acquired, revoked, changes: this.changes() };
    });
  }

  /**
   * Stores that the group has done with everything before an offset; durable when it resolves. False when the lease was lost:
   * nothing is stored then. Commits of several partitions in one turn share a transaction.
   */
  commit(member: string, lease: Lease, offset: number): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.commits.push({ member, lease, offset, resolve, reject });
      this.committing ??= this.drain();
    });
  }

  /** Gives back all that a member holds. */
  async leave(member: string): Promise<void> {
    await inTransaction(this.database, this.clock, () => this.remove(member));
  }

  async close(): Promise<void> {
    await this.committing;
    this.database.close();
  }

  private create(): void {
    this.database.exec(schema);
    this.database.prepare('INSERT INTO seen SELECT ? WHERE NOT EXISTS (SELECT * FROM seen)').run(this.clock.now());
  }

  private async drain(): Promise<void> {
    await turn();
    while (this.commits.length > 0) {
      const commits = this.commits.splice(0);
      try {
        const taken = await inTransaction(this.database, this.clock, () => commits.map((commit) => this.store(commit)));
        for (const [i, { resolve }] of commits.entries()) resolve(taken[i] ?? false);
      } catch (error) {
        for (const { reject } of commits) reject(error);
      }
      await turn();
    }
    this.committing = undefined;
  }

  private store({ member, lease, offset }: WaitingCommit): boolean {
    const now = this.clock.now();
    return (
      this.updateCommitted.run(offset, lease.topic, lease.partition, member, lease.generation, member, now).changes ===
      1
    );
  }

  /** A member that is new, or that slept past the end of its leases, joins anew and holds nothing. */
  private renew({ member, topics, leaseMs }: Membership, now: number): void {
    const { changes } = this.database
      .prepare('UPDATE members SET expires_at = ? WHERE member = ? AND expires_at > ?')
      .run(now + leaseMs, member, now);
    if (changes === 1) return;
    this.remove(member);
    this.database
      .prepare('INSERT INTO members (member, process, topics, expires_at) VALUES (?, ?, ?, ?)')
      .run(member, thisProcess, JSON.stringify([...topics.keys()]), now + leaseMs);
  }

  /** A lease from before the clock went back must not last for as long as it went back: whoever is alive renews it in time. */
  private shortenLeases(leaseMs: number, now: number): void {
    this.database.prepare('UPDATE members SET expires_at = ? WHERE expires_at > ?').run(now + leaseMs, now + leaseMs);
  }

  private removeExpired(except: string, now: number): void {
    for (const { member, process, expiresAt } of this.selectMembers.all())
      if (member !== except && (expiresAt <= now || isDead(process))) this.remove(member);
  }

  private remove(member: string): void {
    this.database.prepare('DELETE FROM members WHERE member = ?').run(member);
    this.database.prepare('UPDATE partitions SET owner = NULL WHERE owner = ?').run(member);
    this.noteChange();
  }

  private release(member: string, { topic, partition, generation }: Lease): void {
    const { changes } = this.database
      .prepare('UPDATE partitions SET owner = NULL WHERE topic = ? AND partition = ? AND owner = ? AND generation = ?')
      .run(topic, partition, member, generation);
    if (changes > 0) this.noteChange();
  }

  private acquire(member: string, topic: string, row: PartitionRow): Lease {
    const generation = row.generation + 1;
    this.database
      .prepare('UPDATE partitions SET owner = ?, generation = ? WHERE topic = ? AND partition = ?')
      .run(member, generation, topic, row.partition);
    return { topic, partition: row.partition, generation, committed: row.committed };
  }

  private partitionsOf(topic: string, partitions: number): PartitionRow[] {
    const rows = this.selectPartitions.all(topic);
    if (rows.length === partitions) return rows;
    const insert = this.database.prepare(
      'INSERT OR IGNORE INTO partitions (topic, partition, committed, generation, owner) VALUES (?, ?, 0, 0, NULL)',
    );
    for (let partition = 0; partition < partitions; partition += 1) insert.run(topic, partition);
    return this.selectPartitions.all(topic);
  }

  private noteChange(): void {
    this.database.exec('UPDATE changes SET count = count + 1');
  }
}

/** Partitions of a topic that a member is to have: equal shares, and what is left over goes to those who joined first. */
function shareOf(member: string, topic: string, partitions: number, members: readonly MemberRow[]): number {
  const consuming = members.filter(({ topics }) => (JSON.parse(topics) as string[]).includes(topic));
  const place = consuming.findIndex((row) => row.member === member);
  const share = Math.floor(partitions / consuming.length);
  return place < partitions % consuming.length ? share + 1 : share;
}

function isOwned(row: PartitionRow | undefined, member: string, generation: number): boolean {
  return row?.owner === member && row.generation === generation;
}
