import clsx from "clsx";
import { RadioGroup } from "radix-ui";

interface ChoiceProps<Value extends string> {
  label: string;
  value: Value;
  options: readonly { value: Value; words: string }[];
  onChoose: (value: Value) => void;
}

/** One of a few, side by side. */
export const Choice = <Value extends string>({ label, value, options, onChoose }: ChoiceProps<Value>) => (
  <RadioGroup.Root
    aria-label={label}
    value={value}
    onValueChange={(wanted) => {
      const found = options.find((option) => option.value === wanted);
      if (found) onChoose(found.value);
    }}
    className="inline-flex rounded-2 bg-s2 p-0.5"
  >
    {options.map((option) => (
      <RadioGroup.Item
        key={option.value}
        value={option.value}
        className={clsx(
          "h-[26px] rounded-1 px-2 text-12 max-md:h-10",
          option.value === value ? "bg-s1 font-medium text-t1 shadow-1" : "text-t2 hover:text-t1",
        )}
      >
        {option.words}
      </RadioGroup.Item>
    ))}
  </RadioGroup.Root>
);
