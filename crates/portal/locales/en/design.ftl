# The page of all parts.
design = The parts of our pages
design-lead = Every page is made of these parts. Here each stands in every state.
design-colours = Colours
design-buttons = Buttons and links
design-form = A form
design-notes = Notes
design-tags = Tags and flags
design-banner = The head of a chart
design-cards = Cards and tiles
