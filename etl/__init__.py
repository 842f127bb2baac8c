"""The ETL function: applications of five channels in, one table out. Decides nothing (router)."""
