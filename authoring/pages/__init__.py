"""The Streamlit pages: what an official sees. Everything that is no layout is done elsewhere."""
