"""What others see of money: exposure, duties, cards, panels and the customer's timeline."""
