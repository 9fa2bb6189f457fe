/** Sounds that a speech detector takes for a voice: pulses at the pitch of a voice, and the resonances of vowels. */

const RATE = 16_000;
const PITCH_HZ = 120;
const SYLLABLES_PER_SECOND = 4;
const LEVEL = 60_000;
/** The resonances of a, i, u, e and o, in Hz. */
const VOWELS = [
  [730, 1090, 2440],
  [270, 2290, 3010],
  [300, 870, 2240],
  [530, 1840, 2480],
  [570, 840, 2410],
] as const;
const WEIGHTS = [1, 0.6, 0.3];

/** The same for the same arguments: 16-bit samples at 16 kHz. `first` is the vowel that it begins with. */
export function speak(seconds: number, first: number): Buffer {
  const samples = Buffer.alloc(2 * seconds * RATE);
  const echoes = WEIGHTS.map(() => [0, 0] as [number, number]);
  let phase = 0;
  for (let at = 0; at < seconds * RATE; at++) {
    const syllable = (at / RATE) * SYLLABLES_PER_SECOND;
    phase += (PITCH_HZ + 20 * Math.sin(at / 3600) + 10 * Math.sin(at / 1100)) / RATE;
    const pulse = Math.floor(phase);
    phase -= pulse;
    const vowel = VOWELS[(first + Math.floor(syllable)) % VOWELS.length] ?? VOWELS[0];
    const sound = echoes.map((echo, index) => resonate(echo, pulse, vowel[index] ?? 0, index));
    const loudness = Math.sin(Math.PI * (syllable % 1)) ** 0.7;
    const sum = sound.reduce((total, each) => total + each, 0);
    samples.writeInt16LE(Math.round(LEVEL * loudness * sum), 2 * at);
  }
  return samples;
}

/** A resonator of two poles. */
function resonate(echo: [number, number], pulse: number, hz: number, index: number): number {
  const radius = Math.exp((-Math.PI * (60 + 40 * index)) / RATE);
  const next =
    pulse + 2 * radius * Math.cos((2 * Math.PI * hz) / RATE) * echo[0] - radius ** 2 * echo[1];
  echo[1] = echo[0];
  echo[0] = next;
  return next * (1 - radius) * (WEIGHTS[index] ?? 0);
}
