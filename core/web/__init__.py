"""What people see and programs call: pages, forms and the REST interface."""
