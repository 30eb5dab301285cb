/** Resolves with the work, or after so many ms. */
export async function within (milliseconds: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>(resolve => { timer = setTimeout(resolve, milliseconds) })
  await Promise.race([work, late]).finally(() => { clearTimeout(timer) })
}
