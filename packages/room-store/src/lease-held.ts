import { ConferenceError } from '@conference/muc';

/** The refusal of a claim while another tracker has the lease, or the first right to it. */
export function leaseHeld(tracker: string | undefined): ConferenceError {
  const message =
    tracker === undefined || tracker === ''
      ? 'The store has lost what another tracker wrote, and that one may write it first.'
      : `The tracker ${tracker} holds the lease.`;
  return new ConferenceError('lease-held', message, { isRetryable: true });
}
