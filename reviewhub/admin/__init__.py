"""Pages across packages, for staff: queue, item, mailbox."""
