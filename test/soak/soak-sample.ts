/** What every process of the stack holds at one moment of the soak. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import type { ServiceProcess } from '../support/service-process.js';
import type { Stack } from '../support/stack.js';

/** Of one process. @see proc(5) */
export interface ProcessSample {
  /** Objects and buffers that are left after a collection, in bytes. */
  readonly holdingBytes: number;
  /** Of these, machine code. */
  readonly codeBytes: number;
  /** The resident set as it was before that, garbage included. */
  readonly rssBytes: number;
  readonly files: number;
  readonly threads: number;
  /** Sockets, servers, timers and requests by Node's own count. */
  readonly resources: number;
  /** Processor time so far, in ms. */
  readonly cpuMs: number;
}

export interface RedisSample {
  /** All that it holds, the change stream too, in bytes. */
  readonly usedBytes: number;
  readonly streamBytes: number;
  readonly streamEntries: number;
  /** Changes of rooms in the stream, which is what bounds it. */
  readonly streamChanges: number;
  readonly keys: number;
  readonly clients: number;
}

export async function sampleService(service: ServiceProcess): Promise<ProcessSample> {
  const { pid } = service;
  if (pid === undefined) throw new Error('a service has ended');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const files = readdirSync(`/proc/${pid}/fd`).length;
  const { heapUsed, external, compiledCode, activeResources, cpuMs } = await service.measure();
  return {
    holdingBytes: heapUsed + external,
    codeBytes: compiledCode,
    rssBytes: readField(status, 'VmRSS') * 1024,
    files,
    threads: readField(status, 'Threads'),
    resources: activeResources,
    cpuMs,
  };
}

/** The resident set of a server, in bytes. */
export function readResidentBytes(pid: number | undefined): number {
  return readField(readFileSync(`/proc/${pid}/status`, 'utf8'), 'VmRSS') * 1024;
}

export async function sampleRedis(redis: Redis, { server }: Stack): Promise<RedisSample> {
  const base = `conference:{${server.mucService}}`;
  const key = `${base}:changes`;
  const memory = await redis.info('memory');
  return {
    usedBytes: Number(/^used_memory:(\d+)/m.exec(memory)?.[1]),
    streamBytes: Number(await redis.memory('USAGE', key, 'SAMPLES', '0')),
    streamEntries: await redis.xlen(key),
    streamChanges: Number(await redis.hget(`${base}:meta`, 'kept')),
    keys: await redis.dbsize(),
    clients: Number(/^connected_clients:(\d+)/m.exec(await redis.info('clients'))?.[1]),
  };
}

function readField(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
}
