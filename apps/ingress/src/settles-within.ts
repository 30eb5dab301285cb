/** False where it takes longer than so many ms; rejects as it does before. */
export async function settlesWithin (work: Promise<void>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>(resolve => { timer = setTimeout(resolve, Math.max(0, milliseconds), false) })
  return await Promise.race([work.then(() => true as const), late]).finally(() => { clearTimeout(timer) })
}
