"""XLSForm in and out: workbooks become checklists, and checklists workbooks."""
