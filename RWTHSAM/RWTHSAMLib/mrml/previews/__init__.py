"""What is shown before it is submitted: masks, prompts, objects, volume rendering."""
