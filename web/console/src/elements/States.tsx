import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { RequestError } from "../api/client.ts";
import { Button } from "./Button.tsx";
import { Strands } from "./Strands.tsx";

interface EmptyProps {
  title: string;
  text: string;
  action?: ReactNode;
}

/** Nothing here yet: says why, and what to do about it. */
export const Empty = ({ title, text, action }: EmptyProps) => (
  <div className="mx-auto grid max-w-[360px] justify-items-center gap-2 px-6 py-12 text-center">
    <Strands
      channels={["widget", "whatsapp", "telegram", "email"]}
      width={216}
      height={112}
      point={14}
      tile={20}
      className="mb-3 w-[216px]"
    />
    <h2 className="text-16 font-semibold">{title}</h2>
    <p className="text-t2">{text}</p>
    {action && <div className="mt-3">{action}</div>}
  </div>
);

interface FailureProps {
  title: string;
  error: unknown;
  onRetry?: () => void;
}

/** What went wrong, why, and a way on. */
export const Failure = ({ title, error, onRetry }: FailureProps) => {
  const { t } = useTranslation();
  const answered = error instanceof RequestError && error.code !== "unreachable";
  const reason =
    answered && error.message
      ? error.message
      : error instanceof RequestError
        ? t("states.unreachable")
        : t("states.unexpected");
  return (
    <div role="alert" className="m-4 flex gap-3 rounded-3 border border-line bg-s1 p-4">
      <TriangleAlert size={16} aria-hidden="true" className="mt-0.5 flex-none text-danger" />
      <div className="min-w-0">
        <p className="font-semibold">{title}</p>
        <p className="text-t2">
          {reason} {t("states.workSafe")}
        </p>
        {onRetry && (
          <Button height="s" className="mt-2" onClick={onRetry}>
            {t("states.retry")}
          </Button>
        )}
      </div>
    </div>
  );
};

const Bar = ({ width }: { width: string }) => <span className="block h-2 rounded-full bg-s3" style={{ width }} />;

/** Grey rows with the geometry of what is coming; they only appear after 200 ms. */
export const SkeletonRows = ({ rows = 6, avatars = true }: { rows?: number; avatars?: boolean }) => {
  const { t } = useTranslation();
  return (
    <div role="status" aria-label={t("states.loading")} className="appear-late">
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="flex items-center gap-3 border-b border-line px-4 py-[21px]">
          {avatars && <span className="size-9 flex-none rounded-full bg-s3" />}
          <span className="grid flex-1 gap-2.5">
            <Bar width={`${42 + ((index * 17) % 30)}%`} />
            <Bar width={`${64 + ((index * 23) % 30)}%`} />
          </span>
        </div>
      ))}
    </div>
  );
};
