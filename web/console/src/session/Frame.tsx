import type { ReactNode } from "react";
import { Mark, Strands } from "../elements/Strands.tsx";

const doors = ["widget", "whatsapp", "telegram", "discord", "email", "sms", "instagram", "voice"] as const;

/** The page before sign-in: the picture on the left, one form on the right. */
export const Frame = ({ children }: { children: ReactNode }) => (
  <main className="grid h-dvh grid-cols-[57fr_43fr] max-[960px]:grid-cols-1">
    <div className="flex items-center overflow-hidden border-r border-line bg-s0 max-[960px]:hidden">
      <Strands
        channels={doors}
        width={760}
        height={760}
        point={34}
        tile={32}
        className="ml-[7%] max-h-[92vh] w-[93%]"
      />
    </div>
    <div className="overflow-y-auto bg-s1">
      <div className="mx-auto flex min-h-full w-full max-w-[408px] flex-col justify-center px-6 py-12">
        <p className="mb-12 flex items-center gap-2.5 text-20 font-bold tracking-[-0.022em]">
          <Mark size={26} />
          Rapport
        </p>
        {children}
      </div>
    </div>
  </main>
);
