/**
 * How far a journal was forwarded, as Redis holds it: the number of the last event and its id. The id tells a journal that was rolled back, or copied,
 * and has given the number to another event since.
 */
export const pointerText = (seq: number, eventId = ''): string => `${seq}:${eventId}`

export function readPointer (text: string): { seq: number, eventId: string } {
  const [seq = '', eventId = ''] = text.split(':')
  return { seq: Number(seq), eventId }
}
