-- Few among many: what waits for a teammate's approval.
create index outbox_draft on outbox (workspace, customer) where state = 'draft';
