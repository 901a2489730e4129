import { expect, test } from '@jest/globals';
import { RoomQuestions } from './room-questions.js';

/** Questions about so many rooms, and what was asked. */
function questionsAbout(count: number, ask: () => Promise<void>) {
  const asked: string[] = [];
  const questions = Array.from({ length: count }, (_, number) => ({
    roomId: `room${number}`,
    ask: () => {
      asked.push(`room${number}`);
      return ask();
    },
  }));
  return { questions, asked };
}

const forever = (): Promise<void> => new Promise(() => undefined);

test('asks about one room once at a time', () => {
  const { questions, asked } = questionsAbout(3, forever);
  const rooms = new RoomQuestions();
  rooms.askInTurn(questions);
  rooms.askInTurn(questions);
  expect(asked).toEqual(['room0', 'room1', 'room2']);
});

test('asks about no more rooms than are answered', () => {
  const { questions, asked } = questionsAbout(250, forever);
  const rooms = new RoomQuestions();
  rooms.askInTurn(questions);
  rooms.askInTurn(questions);
  expect(asked).toHaveLength(100);
});

test('asks about every room in its turn', async () => {
  const { questions, asked } = questionsAbout(250, () => Promise.resolve());
  const rooms = new RoomQuestions();
  for (let poll = 0; poll < 3; poll += 1) {
    rooms.askInTurn(questions);
    await new Promise(setImmediate);
  }
  expect(new Set(asked).size).toBe(250);
});

test('goes on when there are fewer questions than before', async () => {
  const { questions, asked } = questionsAbout(3, () => Promise.resolve());
  const rooms = new RoomQuestions();
  rooms.askInTurn(questions);
  await new Promise(setImmediate);
  rooms.askInTurn(questions.slice(0, 1));
  expect(asked).toEqual(['room0', 'room1', 'room2', 'room0']);
});
