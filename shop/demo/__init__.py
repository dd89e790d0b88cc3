"""The demonstration shop: a sofa, a cushion and what keeps the sofa clean, in Finnish, Swedish and English."""
