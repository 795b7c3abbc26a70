import { expect, test } from "vitest";
import en from "../i18n/en.json";
import fr from "../i18n/fr.json";
import { guided, guides } from "./guides.ts";

test("every door has a guide, and every step of it words in both languages", () => {
  for (const channel of guided) {
    const guide = guides[channel];
    expect(guide, channel).toBeDefined();
    for (const words of [en.guide, fr.guide]) {
      const steps: Record<string, string> = words[channel];
      const wanted = (guide?.before ?? 0) + (guide?.after ?? 0);
      expect(Object.keys(steps).length, channel).toBe(wanted);
      for (let step = 1; step <= wanted; step += 1) expect(steps[String(step)], `${channel} ${step}`).toBeTruthy();
    }
  }
});

test("the lines of a guide name no secret itself", () => {
  for (const [channel, guide] of Object.entries(guides)) {
    expect(guide.lines, channel).toContain(`channel = "${channel}"`);
    for (const secret of guide.secrets) expect(guide.lines).toContain(`{ env = "${secret}" }`);
  }
});
