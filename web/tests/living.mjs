/** What made-up people do through the playground's own interface, without a page. */
import { until } from "./demo-server.mjs";

/** `url`: where a demo server answers. */
export const livingAt = (url) => {
  const post = async (path, body) => {
    const answer = await fetch(`${url}/playground/api${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    const text = await answer.text();
    return text ? JSON.parse(text) : null;
  };

  const stateOf = async (persona) => (await fetch(`${url}/playground/api/personas/${persona}`)).json();

  /** One person's lines on its phones, each said after the last was answered. */
  const live = async (...lines) => {
    const { id } = await post("/personas", {});
    for (const [channel, text] of lines) {
      const before = (await stateOf(id)).last_turn?.id;
      await post(`/personas/${id}/say`, { channel, text, button: null });
      await until(`an answer to “${text}”`, async () => (await stateOf(id)).last_turn?.id !== before);
    }
    return id;
  };

  /** Time that passes between what people do; the promised answers come nearer. */
  const later = (minutes) => post("/clock", { advance_s: minutes * 60 });

  /** People who are answered. */
  const colleagues = async () => {
    await Promise.all([
      live(["sms", "Hi, Jonas Weber here. What does assembly cost?"]),
      live(["telegram", "Hello, my name is Tom Okafor"], ["telegram", "Can I return a chair after trying it?"]),
      live(["whatsapp", "Bonjour, je cherche un bureau réglable en hauteur"]),
      live(["whatsapp", "Hi, I'm Aiko Tanaka, I need a desk for my home office"], ["whatsapp", "My budget is 700 EUR"]),
    ]);
  };

  /** People who need somebody. */
  const escalations = async () => {
    await live(["whatsapp", "Hi, this is Priya Nair. What does assembly cost?"], ["whatsapp", "That is too expensive for us"]);
    await later(6);
    await live(["sms", "Hello, Omar Haddad here. Where is my order?"], ["sms", "This is unacceptable, I have been waiting for three weeks!"]);
    await later(4);
    await live(["telegram", "Hi, my name is Lena Fischer"], ["telegram", "Can I talk to someone?"]);
    await later(5);
    await live(["whatsapp", "Bonjour, je m'appelle Claire Dubois"], ["whatsapp", "Je voudrais parler à quelqu'un"]);
    await later(3);
  };

  return { later, colleagues, escalations };
};
