(() => {
	"use strict";
	const find = (selector, root = document) => root.querySelector(selector);
	const all = (selector, root = document) => [...root.querySelectorAll(selector)];
	const SHOWN = 30;

	const table = find("#ranking"), body = table.tBodies[0], rows = [...body.rows];
	const filter = find("#filter"), found = find("#found"), more = find("#all");
	let everything = rows.length <= SHOWN;

	const show = () => {
		const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
		const hits = [...body.rows].filter(row => words.every(word => row.textContent.toLowerCase().includes(word)));
		const kept = new Set(everything || words.length ? hits : hits.slice(0, SHOWN));
		rows.forEach(row => { row.hidden = !kept.has(row); });
		found.textContent = words.length ? `${hits.length} of ${rows.length} layers` : "";
		more.hidden = rows.length <= SHOWN || words.length > 0;
		more.textContent = everything ? `Show the first ${SHOWN}` : `Show all ${rows.length} layers`;
	};

	const value = cell => cell.dataset.v === undefined ? cell.textContent.toLowerCase() : Number(cell.dataset.v);
	const sort = (head, column) => {
		const up = head.getAttribute("aria-sort") ? head.getAttribute("aria-sort") === "descending" : !head.classList.contains("score");
		all("thead th", table).forEach(other => other.removeAttribute("aria-sort"));
		head.setAttribute("aria-sort", up ? "ascending" : "descending");
		[...body.rows].map(row => [value(row.cells[column]), row])
			.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0) * (up ? 1 : -1))
			.forEach(pair => body.append(pair[1]));
		show();
	};
	all("thead th", table).forEach((head, column) => {
		const button = document.createElement("button");
		button.type = "button";
		button.append(...head.childNodes);
		button.addEventListener("click", () => sort(head, column));
		head.append(button);
	});
	filter.addEventListener("input", show);
	more.addEventListener("click", () => { everything = !everything; show(); });
	find(".tools").hidden = false;
	show();

	/* a link to something folded or left out brings it back */
	const reveal = () => {
		const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
		if (!target)
			return;
		if (target.tagName === "DETAILS")
			target.open = true;
		if (target.hidden) {
			everything = true;
			filter.value = "";
			show();
		}
		target.scrollIntoView({ block: target.tagName === "DETAILS" ? "start" : "center" });
	};
	addEventListener("hashchange", reveal);
	reveal();
	document.addEventListener("click", event => { /* the same link again */
		const link = event.target.closest("a[href^='#']");
		if (link && link.hash === location.hash)
			reveal();
	});

	/* light or dark */
	const theme = find("#theme"), scheme = matchMedia("(prefers-color-scheme: dark)");
	let chosen = null;
	const dark = () => chosen === null ? scheme.matches : chosen;
	const paint = () => {
		document.documentElement.style.colorScheme = chosen === null ? "" : chosen ? "dark" : "light";
		theme.textContent = dark() ? "Light" : "Dark";
		theme.setAttribute("aria-label", dark() ? "Light colours" : "Dark colours");
	};
	const flip = () => { chosen = !dark(); paint(); };
	theme.hidden = false;
	theme.addEventListener("click", flip);
	scheme.addEventListener("change", paint);
	paint();

	/* keys */
	const details = all("details.layer");
	let at = -1;
	const go = step => {
		at = Math.max(0, Math.min(details.length - 1, at + step));
		if (!details[at])
			return;
		details[at].open = true;
		find("summary", details[at]).focus({ preventScroll: true });
		details[at].scrollIntoView({ block: "start" });
	};
	const keys = {
		"/": () => { filter.focus(); filter.select(); },
		j: () => go(1),
		k: () => go(-1),
		e: () => { const open = details.some(one => !one.open); details.forEach(one => { one.open = open; }); },
		t: flip,
	};
	addEventListener("keydown", event => {
		const typing = event.target === filter;
		if (typing && event.key === "Escape") {
			filter.value = "";
			filter.blur();
			show();
		}
		if (typing || event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(keys, event.key))
			return;
		event.preventDefault();
		keys[event.key]();
	});
	find(".keys").hidden = false;

	/* what is under the pointer */
	const tip = find("#tip");
	const say = (text, event) => {
		tip.hidden = !text;
		if (!text)
			return;
		tip.textContent = text;
		tip.style.left = `${Math.max(4, Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 4))}px`;
		tip.style.top = `${event.clientY + 18 + tip.offsetHeight > innerHeight ? event.clientY - tip.offsetHeight - 10 : event.clientY + 18}px`;
	};
	const pixels = new Map();
	const active = (image, x, y) => { /* the picture's cover says where between low and high */
		if (!pixels.has(image)) {
			const canvas = document.createElement("canvas");
			canvas.width = image.naturalWidth;
			canvas.height = image.naturalHeight;
			const context = canvas.getContext("2d", { willReadFrequently: true });
			context.drawImage(image, 0, 0);
			pixels.set(image, context.getImageData(0, 0, canvas.width, canvas.height).data);
		}
		const low = Number(image.dataset.low) / 255, high = Number(image.dataset.high) / 255;
		return low + (high - low) * pixels.get(image)[(y * image.naturalWidth + x) * 4 + 3] / 255;
	};
	const heat = (image, event) => {
		const box = image.getBoundingClientRect(), split = Number(image.dataset.split), neurons = image.dataset.neurons.split(" ");
		const x = Math.floor((event.clientX - box.left) / box.width * image.naturalWidth), y = Math.floor((event.clientY - box.top) / box.height * image.naturalHeight);
		if (x < 0 || y < 0 || x >= image.naturalWidth || y >= image.naturalHeight || (split && x === split))
			return "";
		const tests = split ? (x < split ? "failed tests" : "passed tests") : "tests";
		return `neuron ${neurons[y]}${neurons.length >= 32 ? " and the next" : ""}: active in about ${Math.round(100 * active(image, x, y))} % of these ${tests}`;
	};
	document.addEventListener("pointermove", event => {
		const image = event.target.closest(".heat"), link = event.target.closest("[data-tip]");
		say(image ? heat(image, event) : link ? link.dataset.tip : "", event);
	});
	document.addEventListener("focusin", event => {
		const link = event.target.closest("[data-tip]"), box = link && link.getBoundingClientRect();
		say(link ? link.dataset.tip : "", box && { clientX: box.left, clientY: box.bottom });
	});
})();
