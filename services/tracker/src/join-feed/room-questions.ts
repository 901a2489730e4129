/**
 * Questions about rooms that each poll asks in the background: one about a room at a time, and not
 * more rooms at a time than are answered. What does not fit waits for the next poll, which goes on
 * where the last one stopped, so that every room has its turn.
 */
const QUESTIONS_AT_A_TIME = 100;

export interface RoomQuestion {
  readonly roomId: string;
  /** Never rejects. */
  readonly ask: () => Promise<void>;
}

export class RoomQuestions {
  readonly #underWay = new Set<string>();
  #next = 0;

  askInTurn(questions: readonly RoomQuestion[]): void {
    const start = this.#next;
    for (let step = 0; step < questions.length; step += 1) {
      if (this.#underWay.size >= QUESTIONS_AT_A_TIME) return;
      const index = (start + step) % questions.length;
      this.#next = index + 1;
      const question = questions[index];
      if (question !== undefined) this.#ask(question);
    }
  }

  #ask({ roomId, ask }: RoomQuestion): void {
    if (this.#underWay.has(roomId)) return;
    this.#underWay.add(roomId);
    void ask().finally(() => this.#underWay.delete(roomId));
  }
}
