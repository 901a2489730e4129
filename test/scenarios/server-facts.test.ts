/**
 * docs/servers.md, and what the REST API tells of a server, against what that server really tells.
 * Where they differ, the test prints what was found; CONFERENCE_WRITE_SERVERS=1 writes it into the
 * document.
 */
import { afterAll, expect, test } from '@jest/globals';
import { capabilitiesAnswerSchema } from '@conference/rest-contract';
import { ARE_ALL_BACKENDS_CHOSEN, onEachBackend } from '../backends/all-backends.js';
import { eventually } from '../support/eventually.js';
import { findServerFacts, type ServerFacts } from '../support/server-facts.js';
import { readFactsTable, renderFactsTable, writeFactsTable } from '../support/servers-document.js';
import { startStack } from '../support/stack.js';

const NEVER_LOOKING = { DISCOVERY_INTERVAL_MS: '3600000' };
/** Facts that are fields of a row, of which the REST API tells where they come from. */
const FIELD_OF_FACT = [
  ['name', 'name'],
  ['description', 'description'],
  ['maximum of users', 'maxUsers'],
  ['subject', 'subject'],
  ['creation date', 'creationDate'],
  ['modification date', 'modificationDate'],
  ['empty date', 'emptyDate'],
] as const;
const found = new Map<string, ServerFacts>();

onEachBackend((backend) => {
  test('tells what the document says, and nothing else', async () => {
    const trackerEnvironment = { ...backend.trackerEnvironment, ...NEVER_LOOKING };
    const stack = await startStack({ ...backend, trackerEnvironment });
    try {
      const facts = await findServerFacts(stack);
      found.set(backend.title, facts);
      if (process.env['CONFERENCE_WRITE_SERVERS'] === '1') {
        // Backends that are gone leave the table with the first run on all.
        const others = ARE_ALL_BACKENDS_CHOSEN ? [] : readFactsTable();
        writeFactsTable(new Map([...others, ...found]));
      }
      expect(readFactsTable().get(backend.title)).toEqual(facts);
      await eventually(
        async () => {
          const answer = await stack.fetch('/v1/capabilities.json');
          const [service] = capabilitiesAnswerSchema.parse(await answer.json()).data.services;
          for (const [fact, field] of FIELD_OF_FACT) {
            expect([field, service?.fields[field]]).toEqual([field, facts.get(fact)]);
          }
        },
        () => true,
        { what: 'the REST API to tell the same' },
      );
    } finally {
      await stack.stop();
    }
  }, 120_000);
});

afterAll(() => {
  process.stdout.write(`What the servers tell, as it was found:\n${renderFactsTable(found)}`);
  if (ARE_ALL_BACKENDS_CHOSEN) {
    expect([...readFactsTable().keys()]).toEqual([...found.keys()]);
  }
});
