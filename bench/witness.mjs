/** Processes of join-witness.mjs, that see something and say when. */
import { spawn } from 'node:child_process';
import { on } from 'node:events';
import { fileURLToPath } from 'node:url';

const WITNESS = fileURLToPath(new URL('./join-witness.mjs', import.meta.url));

/**
 * A process that is ready.
 * @param {'occupant' | 'list'} role
 */
export async function openWitness(role, options) {
  const child = spawn(process.execPath, [WITNESS, role, JSON.stringify(options)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const messages = on(child, 'message', { close: ['exit'] });
  const witness = {
    send: (message) => child.send(message),
    /** The next message of a kind that fits. */
    async next(kind, fits = () => true) {
      for (;;) {
        const { value, done } = await messages.next();
        if (done) throw new Error(`the ${role} witness ended before it said "${kind}"`);
        const [message] = value;
        if (message.kind === kind && fits(message)) return message;
      }
    },
    end: () => child.kill(),
  };
  await witness.next('ready');
  return witness;
}
