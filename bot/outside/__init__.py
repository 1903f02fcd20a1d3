"""What is fetched from elsewhere than Replicate and Discord's gateway: members' attachments, and Hugging Face."""
