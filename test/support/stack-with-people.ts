/** What most scenarios begin with: the whole, and two people of it logged in. */
import type { ChatClient } from './chat-client.js';
import { type Stack, type StackBackend, type StackOptions, startStack } from './stack.js';

export interface StackWithPeople {
  readonly stack: Stack;
  /** The first account's. */
  readonly alice: ChatClient;
  /** The second account's. */
  readonly bob: ChatClient;
}

/** As `startStack`; its end is theirs. */
export async function startStackWithPeople(
  backend: StackBackend,
  options: StackOptions = {},
): Promise<StackWithPeople> {
  const stack = await startStack(backend, options);
  return { stack, alice: await stack.connect(0), bob: await stack.connect(1) };
}
