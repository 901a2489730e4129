/** The Redis store as a subject of the contract, wherever that Redis is. */
import { randomUUID } from 'node:crypto';
import type { RedisAddress } from '../redis-client.js';
import { createRedisRoomStore } from '../redis-room-store.js';
import type { ContractSubject } from './subject.contract.js';

/** @param address asked for at each opening, since servers start after tests are declared. */
export function redisSubject(address: () => RedisAddress, propertyRuns: number): ContractSubject {
  return {
    propertyRuns,
    open: (options = {}) => {
      const keyPrefix = `contract-${randomUUID()}`;
      const connect = (mucService: string) =>
        createRedisRoomStore({ ...address(), keyPrefix, mucService, ...options });
      const store = connect('conference.localhost');
      const reader = connect('conference.localhost');
      const otherService = connect('other.localhost');
      return Promise.resolve({
        store,
        reader,
        otherService,
        close: async () => {
          await Promise.all([store.close(), reader.close(), otherService.close()]);
        },
      });
    },
  };
}
