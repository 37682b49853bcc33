"""Promises about forms that come in and go out as workbooks."""
