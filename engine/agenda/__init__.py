"""Forward chaining: from a policy to rules over tokens, and the agendas that fire them."""
