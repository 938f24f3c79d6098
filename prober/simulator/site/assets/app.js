const prefix = document.body.dataset.prefix;
const form = document.getElementById("chat");

async function post(path, body) {
  const response = await fetch(prefix + path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`The answer was ${response.status}.`);
  return response.json();
}

function show(role, text) {
  const item = document.createElement("li");
  item.className = role;
  item.textContent = text;
  document.getElementById("messages").append(item);
}

if (form) {
  let conversation = null;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const content = form.elements.content.value;
    form.reset();
    show("user", content);
    try {
      conversation ??= await post("/api/conversations", {});
      show("assistant", (await post(`/api/conversations/${conversation.id}/messages`, { content })).content);
    } catch (error) {
      show("error", error.message);
    }
  });
}
document.body.dataset.app = "ready";
