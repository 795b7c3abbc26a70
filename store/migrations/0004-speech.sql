-- What turns were still saying when the server stopped is found at once, however long the outbox is.
create index outbox_speaking on outbox (workspace, id) where state = 'speaking';
