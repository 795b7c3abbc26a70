/** Two hundred milliseconds that nobody takes for an alarm. */
export const sound = (): void => {
  const audio = new AudioContext();
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  volume.gain.setValueAtTime(0.08, 0);
  volume.gain.exponentialRampToValueAtTime(0.001, 0.2);
  tone.connect(volume).connect(audio.destination);
  tone.start();
  tone.stop(0.2);
};
