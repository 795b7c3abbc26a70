/** What was said, with bold words and links; everything else stays the plain text it is. */
import { Fragment, h } from "preact";

const marked = /(\*\*[^*\n]+\*\*|https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]])/;

export const Text = ({ text }: { text: string }) => (
  <>
    {text.split(marked).map((part, index) => {
      if (index % 2 === 0) return part;
      if (part.startsWith("**")) return <b key={index}>{part.slice(2, -2)}</b>;
      return (
        <a key={index} href={part} target="_blank" rel="noopener noreferrer">
          {part.replace(/^https?:\/\//, "")}
        </a>
      );
    })}
  </>
);
