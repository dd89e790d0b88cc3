"""4.2 One versioned cart for web, tablet and punch-out."""
