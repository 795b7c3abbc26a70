/** Two soft notes, made here: nothing is loaded. A browser that plays nothing before the first click stays silent. */
export const chime = (): void => {
  const context = new AudioContext();
  const now = context.currentTime;
  for (const [at, pitch] of [[0, 659], [0.14, 880]] as const) {
    const note = context.createOscillator();
    const loudness = context.createGain();
    note.frequency.value = pitch;
    loudness.gain.setValueAtTime(0, now + at);
    loudness.gain.linearRampToValueAtTime(0.12, now + at + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.001, now + at + 0.4);
    note.connect(loudness).connect(context.destination);
    note.start(now + at);
    note.stop(now + at + 0.42);
  }
  window.setTimeout(() => void context.close(), 1000);
};
