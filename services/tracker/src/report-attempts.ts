/** Reports to the store that may fail: warned of once in each outage, also in one from the start on. */
import { hasCode } from '@conference/muc';
import type { Logger } from '@conference/service-runtime';

export class ReportAttempts {
  #isWarned = false;

  constructor(private readonly logger: Logger) {}

  /**
   * Sends one. Never rejects: a failure only shows in the log.
   * @param isToldOtherwise whether the log has why the store does not answer; asked after a failure
   */
  async send(
    report: () => Promise<void>,
    isToldOtherwise: () => boolean = () => false,
  ): Promise<void> {
    try {
      await report();
      this.#isWarned = false;
    } catch (err) {
      // Where nothing else is written, nothing else tells of a store that takes no writes.
      const isNews = !this.#isWarned && !isToldOtherwise() && !hasCode(err, 'writer-fenced');
      this.#isWarned ||= isNews;
      this.logger[isNews ? 'warn' : 'debug']({ err }, 'reporting to the store failed');
    }
  }
}
