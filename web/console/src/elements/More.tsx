import { useTranslation } from "react-i18next";

import { Button } from "./Button.tsx";

interface Pages {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => Promise<unknown>;
}

/** Asks for the next page of a list, where there is one. */
export const More = ({ pages }: { pages: Pages }) => {
  const { t } = useTranslation();
  if (!pages.hasNextPage) return null;
  return (
    <div className="mt-3 text-center">
      <Button onClick={() => void pages.fetchNextPage()} disabled={pages.isFetchingNextPage}>
        {t("ledger.more")}
      </Button>
    </div>
  );
};
