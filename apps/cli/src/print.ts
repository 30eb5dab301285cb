/** A verb's answer, for people. */
export const print = (text: string): void => { process.stdout.write(`${text}\n`) }

/** A verb's answer, for programs. */
export const printJson = (value: unknown): void => { print(JSON.stringify(value, null, 2)) }
