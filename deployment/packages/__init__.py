"""The functions' packages: handlers, riskstack.contract and what they import, and nothing else."""
