/** Legal parameters that gateways like to change, as they are written in a query. Ids of Tencent have # and @, and battle ids / + and =. */
export const oddParameters = [
  'Plus=a%2Bb',
  'Blank=a%20b',
  'BlankAsPlus=a+b',
  'Hash=%40TGS%23a',
  'Ampersand=a%26b%3Dc',
  'Percent=100%25',
  'EncodedTwice=%2541',
  'Slash=a%2Fb%3Fc',
  'Unicode=%E7%BE%A4%F0%9F%98%80',
  'MixedCase=aBc',
  'Empty='
]

/** What a value becomes where something meddles with it, by what that is. */
export const meddlings: Record<string, (value: string) => string> = {
  'is encoded once more': value => encodeURIComponent(value),
  'is decoded once too often': value => decoded(value),
  'has its + taken for blanks': value => value.replaceAll('+', ' '),
  'has its blanks turned into +': value => value.replaceAll(' ', '+'),
  'is cut off': value => value.split(/[#&?/ +%]/)[0] ?? '',
  'is turned into lower case': value => value.toLowerCase(),
  'is turned into upper case': value => value.toUpperCase(),
  'loses its other than ASCII letters': value => value.replaceAll(/[^\x20-\x7e]/g, '?'),
  'arrives empty': () => ''
}

function decoded (value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
