"""ADaM: planning of its datasets, dates, responses, times to event, questionnaires and analysis visits."""
