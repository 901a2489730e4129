/** The contract suite of the store's port: every adapter runs it. */
import { afterEach, beforeEach, describe } from '@jest/globals';
import { describeDetails } from './contract/details.contract.js';
import { describeHistories } from './contract/history.contract.js';
import { describeLease } from './contract/lease.contract.js';
import { describeReading } from './contract/reading.contract.js';
import type { ContractSubject, StoreUnderTest } from './contract/subject.contract.js';
import { describeWriting } from './contract/writing.contract.js';

/** Declares the tests of the contract for one adapter; each gets an empty store. */
export function describeRoomStore(name: string, subject: ContractSubject): void {
  describe(name, () => {
    let opened: StoreUnderTest;
    beforeEach(async () => {
      opened = await subject.open();
    });
    afterEach(() => opened.close());

    describeWriting(() => opened);
    describeDetails(() => opened);
    describeLease(() => opened);
    describeReading(() => opened, subject);
    describeHistories(subject);
  });
}
