// Which words of a prompt the engine used and which it passed over, in the prompt's own text.

export interface Run {
  text: string;
  fate: 'used' | 'ignored' | 'plain';
}

/** Splits the prompt into runs; every character of the prompt is in exactly one of them. */
export function runs(prompt: string, used: readonly string[], ignored: readonly string[]): Run[] {
  const usedSet = new Set(used.map(fold));
  const ignoredSet = new Set(ignored.map(fold));
  const result: Run[] = [];
  for (const text of prompt.match(/[\p{L}\p{N}'’-]+|[^\p{L}\p{N}'’-]+/gu) ?? []) {
    const word = fold(text);
    const fate = usedSet.has(word) ? 'used' : ignoredSet.has(word) ? 'ignored' : 'plain';
    const last = result[result.length - 1];
    if (last && last.fate === fate) last.text += text;
    else result.push({ text, fate });
  }
  return result;
}

function fold(word: string): string {
  return word.toLocaleLowerCase('en');
}
