/** What tells the answer of the endpoint from one that Baton gives where the endpoint has not answered. */
export const decidedMark = 'decided by the endpoint'
