"""Pages and navigation; started by `python -m ui`, or by `streamlit run ui/app.py -- --server 127.0.0.1:8500`."""

import streamlit as st

from ui import client, language, style

words = language.current_wording()
# Not in a folder "pages": Streamlit would run its files by itself until it reaches this line.
# No icon: Streamlit would fetch it from a public host to show it in the browser's tab.
PAGES = {
    "classify": [
        st.Page("views/classify.py", title=words.classify_page, url_path="classify", default=True),
        st.Page("views/batch.py", title=words.batch_page, url_path="batch"),
    ],
    "write": [st.Page("views/write.py", title=words.write_page, url_path="write", default=True)],
    "restyle": [st.Page("views/restyle.py", title=words.restyle_page, url_path="restyle", default=True)],
    "enlarge": [st.Page("views/enlarge.py", title=words.enlarge_page, url_path="enlarge", default=True)],
    "illustrate": [st.Page("views/illustrate.py", title=words.illustrate_page, url_path="illustrate", default=True)],
    "draw": [st.Page("views/draw.py", title=words.draw_page, url_path="draw", default=True)],
    "translate": [st.Page("views/translate.py", title=words.translate_page, url_path="translate", default=True)],
    "reply": [st.Page("views/reply.py", title=words.reply_page, url_path="reply", default=True)],
}
page = st.navigation(PAGES[client.task()])
st.set_page_config(page_title=f"{page.title} · ganclf", layout="centered")
style.apply()
language.show_switch()
page.run()
