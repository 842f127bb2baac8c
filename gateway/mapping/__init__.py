"""What an API maps from requests and answers: parameters, and bodies by templates."""
